"""Whether families can be reached, and what is wrong with their numbers and addresses."""
