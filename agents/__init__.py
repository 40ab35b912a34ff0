"""What each agent is and does: records, and the rules R1 to R6 that read and write them."""
