//! The table that comes out in the end, in the form in which docs/benchmarks.md shows it.

/// One line of it.
pub struct Line {
    pub what: String,
    pub measured: String,
    pub limit: String,
    pub ratio: String,
    pub target: String,
    /// Nothing where no target was set.
    pub reached: Option<bool>,
}

/// Lines under the command that makes them again.
#[derive(Default)]
pub struct Report {
    lines: Vec<(&'static str, Line)>,
}

impl Report {
    pub fn add(&mut self, scene: &'static str, line: Line) {
        eprintln!("  {}: {} | {} | {}", line.what, line.measured, line.limit, line.ratio);
        self.lines.push((scene, line));
    }

    pub fn print(&self) {
        println!("| what | command | measured | limit | ratio | target | reached |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for (scene, line) in &self.lines {
            let reached = match line.reached {
                None => "",
                Some(true) => "yes",
                Some(false) => "**no**",
            };
            let Line { what, measured, limit, ratio, target, .. } = line;
            println!(
                "| {what} | `cargo bench -- {scene}` | {measured} | {limit} | {ratio} | {target} | {reached} |"
            );
        }
    }
}
