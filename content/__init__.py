"""Every word a family reads, as data, one file a language."""
