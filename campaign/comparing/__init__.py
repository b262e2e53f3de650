"""Rules run on what is stored: comparisons, what a grade means here, how often forecasts came true."""
