import DrayageCore
import DrayageLedger
import Foundation
import Testing

extension Stores {
  /// A process that dies in the middle, and what the next one finds.
  @Suite struct Crashes {
    private static let ceiling: Int64 = 1_000

    /// What attempt `ordinal` of a request costs.
    private static func cost(_ ordinal: Int) -> Int64 { Int64(ordinal * 37 % 1_000) }

    /// Reserves and settles without end, each acknowledgement a line in `journal`; the process kills itself
    /// once there are `lines`, in the middle of whatever it does then.
    private static func work(at place: StorePlace, journal: String, lines: Int) async throws {
      let store = try await place.open()
      let descriptor = open(journal, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      let count = Counter(lines) { _ = kill(getpid(), SIGKILL) }
      @Sendable func acknowledge(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
        count.down()
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<32 {
          group.addTask {
            for ordinal in 1... {
              let key = key("t\(task)", ordinal)
              guard try await store.reserve(ceiling, key) == .held else { return }
              acknowledge("held \(task) \(ordinal)")
              // One in eight stays open.
              if ordinal % 8 == 0 { continue }
              _ = try await store.settle(key, as: .metered(nano(cost(ordinal))), at: noon)
              acknowledge("settled \(task) \(ordinal)")
            }
          }
        }
        try await group.waitForAll()
      }
    }

    @Test(arguments: StoreKind.available, [1, 40, 333, 1_500])
    func `what was acknowledged is there after a kill, and the books balance`(
      kind: StoreKind, lines: Int
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        let journal = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: journal) }
        let first = try await place.open()
        _ = try await first.setBudgets([Budget(name: "b", limit: nano(1_000_000_000))])
        await first.close()
        await #expect(processExitsWith: .signal(SIGKILL)) {
          [place = place as StorePlace, journal = journal as String, lines = lines as Int] in
          try await Crashes.work(at: place, journal: journal, lines: lines)
        }

        let store = try await place.open()
        let acknowledged = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
        #expect(acknowledged.count >= lines)
        let open = Set(try await store.openReservations(run: "run").map(\.key))
        for line in acknowledged {
          let fields = line.split(separator: " ")
          let ordinal = try #require(fields.count == 3 ? Int(fields[2]) : nil)
          let key = key("t\(fields[1])", ordinal)
          guard fields[0] == "settled" || !open.contains(key) else { continue }
          #expect(
            try await store.reserve(Self.ceiling, key) == .exists(.settled(nano(Self.cost(ordinal)))),
            "\(line)")
        }
        // What was settled and not acknowledged is counted as well: all attempts are asked for.
        var spent: Int64 = 0
        for task in 0..<32 {
          for ordinal in 1... {
            let key = key("t\(task)", ordinal)
            if open.contains(key) { continue }
            guard case .exists(.settled(let charge)) = try await store.reserve(Self.ceiling, key) else {
              // The first that was never made: made by this question, so it is given back.
              _ = try await store.settle(key, as: .notBilled, at: noon)
              break
            }
            spent += charge.nanodollars
          }
        }
        #expect(try await store.state() == ["b": [spent, Int64(open.count) * Self.ceiling]])
        await store.close()
      }
    }
  }
}

/// Counts down to zero, from any thread, and then does something.
///
/// `@unchecked Sendable`: `left` is reached under `lock`.
private final class Counter: @unchecked Sendable {
  private var left: Int
  private let atZero: @Sendable () -> Void
  private let lock = NSLock()

  init(_ left: Int, atZero: @escaping @Sendable () -> Void) {
    self.left = left
    self.atZero = atZero
  }

  func down() {
    let isZero = lock.withLock {
      left -= 1
      return left == 0
    }
    if isZero { atZero() }
  }
}
