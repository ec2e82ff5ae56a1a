"""Data that the service ships: the starting catalogue (demonstration data, written for this project)."""
