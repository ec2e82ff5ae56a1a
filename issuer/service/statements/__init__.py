"""What people sign with keys of their own: what they can sign now, what they signed, and the receipts for it."""
