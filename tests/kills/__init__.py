"""`make faults`: commands killed at random moments, and systems that fail them."""
