"""The documents room's door: papers, numbers, service, templates."""

from mingzhi.documents.actions import (
    allot_block,
    block_number_void,
    block_return,
    draw,
    number_style_set,
    sign,
    template_draft,
    template_publish,
    void,
)
from mingzhi.documents.guidance import guidance
from mingzhi.documents.handed import handed_withdraw
from mingzhi.documents.lint import lint_template
from mingzhi.documents.pages import page, preview, render, sample_data
from mingzhi.documents.queries import (
    blocks,
    number_styles,
    numbers,
    paper,
    paper_by_number,
    papers,
    papers_of,
    served_on,
    services,
    signatures,
    signatures_of,
    template,
    template_versions,
    templates,
)
from mingzhi.documents.service import deemed_on, service_demands, service_problems
from mingzhi.documents.serving import serve
from mingzhi.documents.typeset import qr_svg, set_pages
from mingzhi.documents.vocabulary import act_in

__all__ = [
    "act_in",
    "allot_block",
    "block_number_void",
    "block_return",
    "blocks",
    "deemed_on",
    "draw",
    "guidance",
    "handed_withdraw",
    "lint_template",
    "number_style_set",
    "number_styles",
    "numbers",
    "page",
    "paper",
    "paper_by_number",
    "papers",
    "papers_of",
    "preview",
    "qr_svg",
    "render",
    "sample_data",
    "serve",
    "served_on",
    "service_demands",
    "service_problems",
    "services",
    "set_pages",
    "sign",
    "signatures",
    "signatures_of",
    "template",
    "template_draft",
    "template_publish",
    "template_versions",
    "templates",
    "void",
]
