"""The Academy's side: circles decide by consent, then a badge is signed."""
