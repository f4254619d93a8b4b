"""What is believed about natural recovery and about the effect of every action.

One Bayesian linear model with a normal-inverse-gamma prior for the outcome Y, in score points:

    Y = course'a + level_of_event + (T - p) shared'b + sum over actions (A_i - p_i) own'c_i + noise

T says whether anything was sent, A_i which action; p are the probabilities with which that was
drawn. Centring by them keeps the effects right even when the natural course is modelled wrongly
(Greenewald et al. 2017; Boruvka et al. 2018). All columns that belong to one event sit at the end
and are integrated out when the next event begins, which is exactly the hierarchical posterior.

Kept are sufficient statistics only, so the order in which outcomes arrive does not matter. Several
factors on the effect priors compete by their marginal likelihood; one set of statistics serves all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Any, Self

import numpy as np
from scipy.linalg import lapack

from interventions.learning.bandit import context
from interventions.learning.bandit.context import Moment, Vector
from interventions.learning.bandit.hyperparameters import HOLD, Settings


class Columns:
    """Where each part of the model stands, and its prior."""

    __slots__ = ("actions", "event", "mean", "precision", "scaled", "size")

    def __init__(self, actions: Sequence[str], settings: Settings) -> None:
        self.actions = tuple(action for action in actions if action != HOLD)
        arms, priors = len(self.actions), settings.priors
        self.event = context.COURSE_SIZE + context.SHARED_SIZE + arms * context.OWN_SIZE
        self.size = self.event + 2 + arms
        spread = [priors.baseline] * context.COURSE_SIZE
        spread += [priors.anything] + [priors.anything_context] * (context.SHARED_SIZE - 1)
        spread += ([priors.arm] + [priors.arm_context] * (context.OWN_SIZE - 1)) * arms
        spread += [priors.event_level] + [priors.event_arm] * (1 + arms)
        # Relative to the noise, so that a wrong guess of the noise leaves the balance right.
        self.precision = (settings.noise / np.array(spread)) ** 2
        self.scaled = np.zeros(self.size, dtype=bool)
        self.scaled[context.COURSE_SIZE : self.event] = True
        self.mean = np.zeros(self.size)
        # A new action is expected to be worth exactly its cost: neither hope nor fear.
        self.mean[context.COURSE_SIZE] = settings.cost
        for index, action in enumerate(self.actions):
            self.mean[self.own(index)] = settings.cost_of(action) - settings.cost

    def own(self, index: int) -> int:
        """Return the first column of an action."""
        return context.COURSE_SIZE + context.SHARED_SIZE + index * context.OWN_SIZE

    def places_of(self, fewer: Columns) -> list[int]:
        """Return where each column of `fewer`, whose actions are all among ours, stands here."""
        at = list(range(fewer.own(0)))
        for action in fewer.actions:
            start = self.own(self.actions.index(action))
            at += range(start, start + context.OWN_SIZE)
        at += [self.event, self.event + 1]
        return at + [self.event + 2 + self.actions.index(action) for action in fewer.actions]

    def row(self, moment: Moment, action: str, chances: Mapping[str, float]) -> Vector:
        """Return the row of one decision: who was drawn, centred by the chances of the draw."""
        row = np.zeros(self.size)
        row[: context.COURSE_SIZE] = moment.course
        row[self.event] = 1.0
        acted = 0.0
        for index, name in enumerate(self.actions):
            surprise = float(name == action) - chances.get(name, 0.0)
            acted += surprise
            start = self.own(index)
            row[start : start + context.OWN_SIZE] = surprise * moment.own
            row[self.event + 2 + index] = surprise
        start = context.COURSE_SIZE
        row[start : start + context.SHARED_SIZE] = acted * moment.shared
        row[self.event + 1] = acted
        return row

    def effects(self, moment: Moment, actions: Sequence[str]) -> Vector:
        """Return one row per action that reads its effect against HOLD out of the coefficients."""
        rows = np.zeros((len(actions), self.size))
        rows[:, context.COURSE_SIZE : context.COURSE_SIZE + context.SHARED_SIZE] = moment.shared
        rows[:, self.event + 1] = 1.0
        for row, action in zip(rows, actions, strict=True):
            index = self.actions.index(action)
            start = self.own(index)
            row[start : start + context.OWN_SIZE] = moment.own
            row[self.event + 2 + index] = 1.0
        return rows


@dataclass(frozen=True, slots=True)
class Belief:
    """The effects of some actions under one prior scale: a Student t in several dimensions.

    `weight` is how likely the scale is; `mean` and `covariance` are in points; `lasting` is the
    covariance of what outlives the event, the only part worth exploring.
    """

    weight: float
    freedom: float
    mean: Vector
    covariance: Vector
    lasting: Vector


@dataclass(frozen=True, slots=True)
class _Fit:
    """One prior scale, solved: weight, Cholesky factor, forward-solved mean, noise variance."""

    scale: float
    weight: float
    lower: Vector
    solved: Vector
    variance: float


class Model:
    """The evidence so far. `learn` adds a row, `beliefs` reads effects, `new_event` lets one go."""

    __slots__ = ("_fits", "columns", "count", "information", "moment", "settings", "squares")

    def __init__(self, actions: Sequence[str], settings: Settings) -> None:
        self.settings = settings
        self.columns = Columns(actions, settings)
        self.information = np.zeros((self.columns.size, self.columns.size))
        self.moment = np.zeros(self.columns.size)
        self.squares = 0.0
        self.count = 0.0
        self._fits: tuple[_Fit, ...] | None = None

    def among(self, actions: Sequence[str]) -> Self:
        """Return the same evidence among more actions: nothing is known of the new ones."""
        more = type(self)(actions, self.settings)
        at = more.columns.places_of(self.columns)
        more.information[np.ix_(at, at)] = self.information
        more.moment[at] = self.moment
        more.squares, more.count = self.squares, self.count
        return more

    def learn(self, row: Vector, outcome: float, *, is_current: bool) -> None:
        """Add one outcome in points. One that comes after its event ended counts a little less."""
        weight = 1.0
        if not is_current:
            own, start = row[self.columns.event :], self.columns.event
            weight = 1.0 / (1.0 + float(own @ (own / self.columns.precision[start:])))
            row = np.concatenate([row[:start], np.zeros_like(own)])
        self.information += weight * np.outer(row, row)
        self.moment += weight * outcome * row
        self.squares += weight * outcome * outcome
        self.count += 1.0
        self._fits = None

    def new_event(self) -> None:
        """Integrate out what is peculiar to the event, then forget the set share of evidence."""
        start = self.columns.event
        inner = self.information[start:, start:] + np.diag(self.columns.precision[start:])
        cross = self.information[:start, start:]
        solved = np.linalg.solve(inner, np.column_stack([cross.T, self.moment[start:]]))
        self.information[:start, :start] -= cross @ solved[:, :-1]
        self.moment[:start] -= cross @ solved[:, -1]
        self.squares -= float(self.moment[start:] @ solved[:, -1])
        self.information[start:, :] = 0.0
        self.information[:, start:] = 0.0
        self.moment[start:] = 0.0
        kept = 1.0 - self.settings.forgetting
        self.information *= kept
        self.moment *= kept
        self.squares *= kept
        self.count *= kept
        self._fits = None

    def beliefs(self, rows: Vector) -> list[Belief]:
        """Return the posterior of `rows` (see `Columns.effects`), one per hypothesis.

        The widest prior comes first, "nothing works" last.
        """
        lasting = rows.copy()
        lasting[:, self.columns.event :] = 0.0
        both = np.concatenate([rows, lasting]).T
        found = []
        for fit in self._fitted():
            solved, _ = lapack.dtrtrs(fit.lower, both, lower=1)
            full, rest = solved[:, : len(rows)], solved[:, len(rows) :]
            found.append(
                Belief(
                    fit.weight,
                    self._shape * 2.0,
                    full.T @ fit.solved,
                    fit.variance * (full.T @ full),
                    fit.variance * (rest.T @ rest),
                )
            )
        return found

    @property
    def _shape(self) -> float:
        return (self.settings.noise_weight + self.count) / 2.0

    def noise(self) -> float:
        """Return the spread of an outcome around what was expected, in points."""
        return float(np.sqrt(sum(fit.weight * fit.variance for fit in self._fitted())))

    def scale_weights(self) -> dict[float, float]:
        """Return how likely each factor on the effect priors is, given everything seen."""
        return {fit.scale: fit.weight for fit in self._fitted()}

    def _fitted(self) -> tuple[_Fit, ...]:
        if self._fits is None:
            settings = self.settings
            found = [self._fit(scale, self.columns.mean) for scale in settings.scales]
            found.append(self._fit(settings.null_scale, np.zeros(self.columns.size)))
            top = max(evidence for evidence, _ in found)
            each = (1.0 - settings.null_prior) / len(settings.scales)
            priors = [each] * len(settings.scales) + [settings.null_prior]
            weights = [p * exp(one - top) for p, (one, _) in zip(priors, found, strict=True)]
            self._fits = tuple(
                replace(fit, weight=weight / sum(weights))
                for weight, (_, fit) in zip(weights, found, strict=True)
            )
        return self._fits

    def _fit(self, scale: float, mean: Vector) -> tuple[float, _Fit]:
        """Solve the model under one prior scale and mean; return its log evidence with it."""
        precision = self.columns.precision.copy()
        precision[self.columns.scaled] /= scale * scale
        matrix = self.information.copy()
        matrix[np.diag_indices_from(matrix)] += precision
        lower, _ = lapack.dpotrf(matrix, lower=1)
        solved, _ = lapack.dtrtrs(lower, self.moment + precision * mean, lower=1)
        rest = self.squares + float(mean @ (precision * mean)) - float(solved @ solved)
        rate = self.settings.noise**2 * self.settings.noise_weight / 2.0 + max(0.0, rest) / 2.0
        evidence = 0.5 * np.log(precision).sum() - np.log(np.diag(lower)).sum()
        evidence -= self._shape * log(rate)
        return float(evidence), _Fit(scale, 0.0, lower, solved, rate / self._shape)

    def to_dict(self) -> dict[str, Any]:
        """Return the evidence as plain lists: the lower triangle, the moments, the sums."""
        return {
            "information": [
                row[: index + 1].tolist() for index, row in enumerate(self.information)
            ],
            "moment": self.moment.tolist(),
            "squares": self.squares,
            "count": self.count,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], actions: Sequence[str], settings: Settings) -> Self:
        """Return the model of `to_dict`; ValueError where the sizes do not fit the actions."""
        model = cls(actions, settings)
        if [len(row) for row in data["information"]] != list(range(1, model.columns.size + 1)):
            raise ValueError("the evidence is of other actions or of another version")
        for index, row in enumerate(data["information"]):
            model.information[index, : index + 1] = row
            model.information[: index + 1, index] = row
        model.moment = np.array(data["moment"], dtype=float)
        model.squares, model.count = float(data["squares"]), float(data["count"])
        return model
