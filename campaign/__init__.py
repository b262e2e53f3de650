"""The running program: brings data in, plans, sends, listens, serves, stores."""
