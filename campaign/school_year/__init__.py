"""The district's year: its days, what happens to students on them, and how days become moments."""
