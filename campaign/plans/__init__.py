"""Who gets which message when, or why not; a million contacts in one statement a chunk; what a dry run foresees."""
