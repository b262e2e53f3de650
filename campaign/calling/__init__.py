"""Families that nothing else reached: the list of calls, and what people of the school did on the phone."""
