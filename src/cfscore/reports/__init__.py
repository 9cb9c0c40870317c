"""Reports: results drawn and written for people; nothing is computed here.

``write_letter`` turns the reasons of a declined application into a letter in English or
Chinese, as text or HTML.

Pictures take what ``explain`` returns or a scored batch, draw into given axes or a new
figure, and return the axes. ``to_shap`` hands the same numbers to the plots of shap.
Chinese names need a font that has them: add one to matplotlib's ``font.sans-serif``.
"""

from cfscore.reports._beeswarm import beeswarm
from cfscore.reports._changes_text import describe_changes
from cfscore.reports._letter import Letter, LetterSection
from cfscore.reports._letter_facts import Institution, LetterFacts
from cfscore.reports._letter_writer import write_letter
from cfscore.reports._shap import to_shap
from cfscore.reports._shape_plot import shape_plot
from cfscore.reports._summary_pictures import dependence_plot, importance_bars
from cfscore.reports._waterfall import waterfall

__all__ = [
    "Institution",
    "Letter",
    "LetterFacts",
    "LetterSection",
    "beeswarm",
    "dependence_plot",
    "describe_changes",
    "importance_bars",
    "shape_plot",
    "to_shap",
    "waterfall",
    "write_letter",
]
