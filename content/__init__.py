"""Every word a family reads, as data, languages side by side."""
