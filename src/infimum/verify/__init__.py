"""claim ↦ CERTIFIED, INSUFFICIENT, REPORTED or REFUTED: the independent checker.

Every recorded number is derived again from the parameters and the data alone, by a second path: exact sums
(`math.fsum` of exact products), an eigendecomposition where the library used a Cholesky factor, rational arithmetic
for directions and relations. No solver, no kernel and none of `certificates/` is imported. A number that is not
reproduced within its own allowance refutes the claim; checksums play no part.

One rule is that of every bound (`answers.within`): proved ≤ recorded ≤ granted, what the checker proves, and what the
same data give with all rounding allowed for amply. A smaller bound is not shown to hold; a larger one holds, but is not
that of this fit.
"""

from infimum.verify.answers import Answer, Verification
from infimum.verify.estimator import verify
from infimum.verify.model_file import verify_file

__all__ = ["Answer", "Verification", "verify", "verify_file"]
