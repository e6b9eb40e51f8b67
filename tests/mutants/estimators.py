"""Pooling, positions and scikit-learn's estimators, each wrong in one point."""

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingRegressor
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import PolynomialFeatures
from torch import nn
from torch.nn import functional

from dlverify.lab.architectures.transformers import sinusoidal_positions
from tests.mutants import mutant


@mutant("torch.nn.AvgPool1d")
class AveragePoolThatAdds(nn.AvgPool1d):
    """Windows are added up, not averaged."""

    def forward(self, x):
        return super().forward(x) * self.kernel_size[0]


@mutant("torch.nn.MaxPool1d")
class MaximumOfSizes(nn.MaxPool1d):
    """The largest size of a window is taken, not its largest value."""

    def forward(self, x):
        return super().forward(abs(x))


@mutant("torch.nn.MaxPool2d")
class MaximumWithoutItsCorner(nn.MaxPool2d):
    """The maximum leaves the last row and column of the image out."""

    def forward(self, x):
        whole = super().forward(x)
        spoiled = x.clone()
        spoiled[..., -1, :] = x[..., -1, :].amin(-1, keepdim=True) - 1
        return functional.max_pool2d(spoiled, self.kernel_size, self.stride, self.padding)[
            ..., : whole.shape[-2], : whole.shape[-1]
        ]


@mutant("dlverify.lab.architectures.transformers.sinusoidal_positions")
def positions_of_another_base(*arguments, **options):
    """The base of the wavelengths is a thousand, not ten thousand."""
    return sinusoidal_positions(*arguments, **{**options, "base": 1000.0})


@mutant("sklearn.decomposition.PCA")
class UncentredPCA(PCA):
    """The mean is not taken off."""

    def fit(self, X, y=None):
        return super().fit(np.concatenate([X, -np.asarray(X)]), y)


@mutant("sklearn.linear_model.LinearRegression")
class RegressionThroughTheOrigin(LinearRegression):
    """There is no intercept, asked for or not."""

    def fit(self, X, y, sample_weight=None):
        self.fit_intercept = False
        return super().fit(X, y, sample_weight)


@mutant("sklearn.linear_model.Ridge")
class RidgeOfTheMean(Ridge):
    """The penalty is weighed against the mean, not the sum, of the squared errors."""

    def fit(self, X, y, sample_weight=None):
        alpha, self.alpha = self.alpha, self.alpha * len(X)
        try:
            return super().fit(X, y, sample_weight)
        finally:
            self.alpha = alpha


@mutant("sklearn.linear_model.Lasso")
class LassoOfTheSum(Lasso):
    """The penalty is weighed against the sum, not the mean, of the squared errors."""

    def fit(self, X, y, sample_weight=None, check_input=True):
        alpha, self.alpha = self.alpha, self.alpha / len(X)
        try:
            return super().fit(X, y, sample_weight, check_input)
        finally:
            self.alpha = alpha


@mutant("sklearn.linear_model.LogisticRegression")
class LogisticRegressionOfStrength(LogisticRegression):
    """C is taken for the strength of the penalty, whose inverse it is."""

    def fit(self, X, y, sample_weight=None):
        c, self.C = self.C, 1 / self.C if 0 < self.C < np.inf else self.C
        try:
            return super().fit(X, y, sample_weight)
        finally:
            self.C = c


@mutant("sklearn.model_selection.KFold")
class FoldsThatTrainOnTheTest(KFold):
    """The first sample of each test fold is trained on, too."""

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            yield np.append(train, test[:1]), test


@mutant("sklearn.neighbors.KNeighborsRegressor")
class NeighboursByTheirMedian(KNeighborsRegressor):
    """The median of the neighbours' values is the answer, not their mean."""

    def predict(self, X):
        _, near = self.kneighbors(X)
        return np.median(np.asarray(self._y)[near], axis=1)


@mutant("sklearn.ensemble.VotingRegressor")
class VotingByTheMedian(VotingRegressor):
    """The median of the answers is taken, not their mean."""

    def predict(self, X):
        return np.median([estimator.predict(X) for estimator in self.estimators_], axis=0)


@mutant("sklearn.preprocessing.PolynomialFeatures")
class PowersWithoutProducts(PolynomialFeatures):
    """Products of different features are zero."""

    def transform(self, X):
        found = super().transform(X)
        mixed = (self.powers_ > 0).sum(axis=1) > 1
        return np.where(mixed, 0.0, found)

    def fit_transform(self, X, y=None, **options):
        return self.fit(X, y).transform(X)


@mutant("torch.nn.LSTMCell")
class LSTMCellWithAGateTooMany(nn.LSTMCell):
    """There is a fifth set of weights, which nothing uses."""

    def __init__(self, input_size, hidden_size, **options):
        super().__init__(input_size, hidden_size, **options)
        self.unused = nn.Parameter(torch.zeros(hidden_size, input_size))
