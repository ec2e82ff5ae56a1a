"""One function for each check of a report. Each returns lines; none raises for a bad badge."""
