//! Medians, percentiles and spread of repeated measurements.

/// Measurements of one thing, in order of size.
#[derive(Clone, Debug)]
pub struct Spread(Vec<f64>);

impl Spread {
    pub fn of(measured: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = measured.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        assert!(!sorted.is_empty(), "nothing was measured");
        Self(sorted)
    }

    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0[at.min(self.0.len() - 1)]
    }

    pub fn median(&self) -> f64 {
        let half = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[half] } else { f64::midpoint(self.0[half - 1], self.0[half]) }
    }

    /// How far the middle half reaches, as a share of the median.
    pub fn unrest(&self) -> f64 {
        (self.percentile(75) - self.percentile(25)) / self.median()
    }

    pub fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        Self::of(self.0.iter().copied().map(change))
    }

    /// The median, and between which values the middle half lies.
    pub fn told(&self, unit: &str, digits: usize) -> String {
        let (low, high) = (self.percentile(25), self.percentile(75));
        format!("{:.digits$}{unit} ({low:.digits$} to {high:.digits$})", self.median())
    }
}
