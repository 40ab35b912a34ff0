"""The lab: one page that holds the rules and a cluster, and runs them while a person moves things."""
