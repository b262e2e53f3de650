"""The message row from plan to outcome: claimed, looked at, written, handed over, settled, accounted for."""
