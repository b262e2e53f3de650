"""Before a campaign goes out, and when it must not: what is approved, looked at, tried out and held."""
