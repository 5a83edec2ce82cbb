"""Files as people upload them: nothing of PDF/A about them."""

from __future__ import annotations


def plain_pdf(words: str = "FOREIGN", colour: bytes = b"0 g", width: int = 400, height: int = 300) -> bytes:
    """A hand-made PDF with one sheet: ``words`` in a font that is not embedded, and a note stuck on it."""
    painted = colour + b" BT /F1 40 Tf 40 150 Td (" + words.encode("ascii") + b") Tj ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Annots[6 0 R]"
        b"/Resources<</Font<</F1 5 0 R>>>>>>" % (width, height),
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(painted), painted),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Annot/Subtype/Square/Rect[10 10 60 60]/C[1 0 0]/F 4>>",
    ]
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + b"".join(
        b"%010d 00000 n \n" % p for p in places
    )
    return (
        out
        + table
        + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(out))
    )
