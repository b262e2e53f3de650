"""Campaigns as districts make them: their documents, messages, versions and files."""
