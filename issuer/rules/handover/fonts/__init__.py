"""Font files of the certificate, with their licences and sources."""
