import Drayage
import DrayageCore
import DrayageExecution

/// One line on how far a batch has come.
enum ProgressLine {
  static func text(_ progress: BatchProgress, seconds: Double) -> String {
    let done = progress.answered + progress.failed
    let rate = seconds > 0 ? Double(done - progress.resumed) / seconds : 0
    let left = rate > 0 ? duration(Double(progress.total - done) / rate) : "-"
    let share = NumberText.percent(
      progress.budget > .zero ? progress.spent.dollars / progress.budget.dollars : 0)
    return
      "\(done)/\(progress.total) done, \(progress.failed) failed, \(NumberText.dollars(progress.spent.dollars)) spent "
      + "(\(share)), \(NumberText.fixed(rate, 1))/s, \(left) left"
  }

  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e7))
    if whole < 100 { return "\(whole) s" }
    return whole < 7_200 ? "\(whole / 60) min" : "\(whole / 3_600) h \(whole % 3_600 / 60) min"
  }
}
