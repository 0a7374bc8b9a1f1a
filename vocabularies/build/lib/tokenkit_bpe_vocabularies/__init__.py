"""Packed vocabularies for tokenkit, in the folder `data`; there is no code here."""
