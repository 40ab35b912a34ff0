"""`make fuzz`: what people write or receive, damaged at random, through the command line."""
