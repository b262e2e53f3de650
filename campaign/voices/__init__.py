"""Voices that read family reports aloud: `contract.py` says what each promises; `choice.py` picks one."""
