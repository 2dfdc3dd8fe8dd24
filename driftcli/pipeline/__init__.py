"""From what the user named to profiles, and from these to a report: what opens data."""
