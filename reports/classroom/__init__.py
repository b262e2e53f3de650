"""Papers for teachers: the sheet for a talk with one family, and charts without names for a team."""
