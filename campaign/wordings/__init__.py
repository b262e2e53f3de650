"""The texts as they hold in a district, in which language they go out, and what staff make of them."""
