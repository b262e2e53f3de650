"""What people say about messages, whatever way it came by, and what follows from it."""
