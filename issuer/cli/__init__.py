"""The operators' commands of the Academy's side. `app.py` puts them together with the verifier's."""
