"""Who is who: how sure two names are one child's, and what a person decided."""
