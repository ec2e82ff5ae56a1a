"""Handing a badge over: its picture, the picture that carries it, QR code, certificate, words to share."""

from issuer.rules.handover.artwork import badge_png, badge_svg
from issuer.rules.handover.baked import baked_png, baked_svg
from issuer.rules.handover.certificate import Certificate, certificate_pdf
from issuer.rules.handover.qr import qr_png, qr_svg
from issuer.rules.handover.share import linkedin_url, share_text

__all__ = [
    "Certificate",
    "badge_png",
    "badge_svg",
    "baked_png",
    "baked_svg",
    "certificate_pdf",
    "linkedin_url",
    "qr_png",
    "qr_svg",
    "share_text",
]
