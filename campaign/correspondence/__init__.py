"""What families write and staff answer: threads with a clock, routes, translations, files, words of danger."""
