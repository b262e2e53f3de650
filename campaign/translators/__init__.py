"""Services that translate what people write: `contract.py` says what each promises; `choice.py` picks one."""
