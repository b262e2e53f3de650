"""Reports in envelopes: the address in its window, sheets between classes, and files for a printer."""
