import Foundation

/// What this process has used.
enum Resources {
  /// User and system seconds of all threads since the start.
  static var cpuSeconds: Double {
    [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
  }

  /// Seconds on a clock of the system that goes on evenly.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The most memory held since the start, in megabytes of 10^6 bytes.
  static var peakMegabytes: Double {
    #if os(Linux)
      Double(usage.ru_maxrss) * 1024 / 1e6
    #else
      Double(usage.ru_maxrss) / 1e6
    #endif
  }

  /// Memory held now, in bytes; where the system does not say, the most since the start.
  static var residentBytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
      if let kibibytes { return kibibytes * 1024 }
    }
    return peakMegabytes * 1e6
  }

  /// Lets the process have as many descriptors as the system allows it.
  static func raiseDescriptorLimit() {
    var limit = rlimit()
    #if os(Linux)
      let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let kind = RLIMIT_NOFILE
    #endif
    guard getrlimit(kind, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(kind, &limit)
  }

  private static var usage: rusage {
    var usage = rusage()
    #if os(Linux)
      getrusage(RUSAGE_SELF.rawValue, &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage
  }
}

extension Encodable {
  /// One line of JSON, keys in order.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
