"""Family reports from stored comparisons: their facts, their versions, their files and sounds."""
