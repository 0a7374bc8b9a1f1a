"""A release: built, checked and tried, with a bill of materials."""
