import Foundation

/// Wall and CPU time since it was made.
struct Stopwatch {
  private let start = ContinuousClock.now
  private let cpu = Self.cpuSecondsOfProcess

  /// Seconds gone by.
  var wallSeconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// User and system seconds spent by all threads.
  var cpuSeconds: Double { Self.cpuSecondsOfProcess - cpu }

  private static var cpuSecondsOfProcess: Double {
    let usage = Memory.usage
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
  }
}

/// Memory of this process, in megabytes of 10^6 bytes.
enum Memory {
  /// The most held since the start or the last reset.
  static var peakMegabytes: Double { status("VmHWM") ?? maximumOfUsage }

  /// Held now; where the system does not say, the most since the start.
  static var residentMegabytes: Double { status("VmRSS") ?? maximumOfUsage }

  /// Forgets the peak so far, on Linux. Elsewhere the peak stays that since the start.
  static func resetPeak() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    try? file.write(contentsOf: Data("5".utf8))
    try? file.close()
  }

  static var usage: rusage {
    var usage = rusage()
    #if os(Linux)
      getrusage(RUSAGE_SELF.rawValue, &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage
  }

  private static var maximumOfUsage: Double {
    #if os(Linux)
      Double(usage.ru_maxrss) * 1024 / 1e6
    #else
      Double(usage.ru_maxrss) / 1e6
    #endif
  }

  /// A line of the process's status such as `VmHWM:   1234 kB`.
  private static func status(_ key: String) -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(key + ":") {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        .map { $0 * 1024 / 1e6 }
    }
    return nil
  }
}
