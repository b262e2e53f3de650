"""What a person types: one module a noun, its commands and what they print. `campaign.cli` lists them."""
