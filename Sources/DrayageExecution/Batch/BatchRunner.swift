package import Drayage
import DrayageCore
package import DrayageLedger
import Foundation

/// Runs a batch: reads its requests into the queue, goes on where an earlier run ended, and writes the output.
package final class BatchRunner: Sendable {
  /// Where a batch keeps its books.
  package enum Books: Sendable {
    /// In a SQLite file beside the output.
    case besideOutput
    /// In a SQLite file that other batches use too.
    case file(String)
    /// In a ledger through which other workers work on the same batch. The caller closes it.
    case shared(any LedgerStore & JobQueue)
  }

  /// The lines of the file that are no requests: the first of them, and how many there are.
  package let refused: (first: [RefusedRow], count: Int)
  /// The plan of the whole batch at the estimates of the start.
  package let plan: Plan

  private let state: BatchState
  private let admission: Locked<Admission>
  private let store: BatchStore
  private let setup: BatchSetup
  private let transport: any Transport
  private let output: String
  private let isAlone: Bool
  /// The ledger, if it is this run's to close.
  private let own: DurableLedger?
  /// What is wrong with a request that no offer can be paid for, even with all of the budget; nil if none is known.
  package let unaffordable: String?
  private let copies: BatchCopies?
  private let lock: BatchLock?

  /// Whether a budget of this name is some batch's own, and is set with the batch.
  package static func isOwnBudget(_ name: String) -> Bool { BatchStore.isOwnedByBatch(name) }

  /// The ledger of the batch whose output is at `output`, unless it is kept elsewhere.
  package static func ledgerPath(forOutput output: String) -> String { output + ".ledger" }

  /// The name of the batch whose output is at `output`.
  package static func name(forOutput output: String) -> String {
    let name = URL(fileURLWithPath: output).lastPathComponent
    guard name.utf8.count > 120 else { return name }
    // Too long for a name: its beginning, and what tells it from others with the same.
    return name.prefix(80) + "-" + String(digest(name), radix: 16)
  }

  /// 64-bit FNV-1a.
  private static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Prepares a run; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - name: of the batch within its ledger; by default that of the output.
  ///   - note: what is kept in the ledger of how the batch was asked for.
  /// - Throws: ``InputError`` for the requests or the output, ``LedgerStoreError`` for the ledger, ``BatchError`` if
  ///   the batch cannot begin, ``PlanError`` if planning breaks down.
  package init(
    _ setup: BatchSetup, output: String, transport: any Transport, books: Books = .besideOutput,
    name: String? = nil, note: [UInt8] = []
  ) async throws {
    // Before the ledger, so that a batch that cannot begin leaves nothing behind.
    _ = try AtomicFile(output)
    let name = name ?? Self.name(forOutput: output)
    let beside = Self.ledgerPath(forOutput: output)
    let isNew: Bool
    let ledger: any LedgerAndQueue
    switch books {
    case .besideOutput:
      lock = try BatchLock(at: beside + ".lock")
      isNew = !FileManager.default.fileExists(atPath: beside)
      let opened = try await DurableLedger.sqlite(at: beside)
      (own, ledger, isAlone) = (opened, opened, true)
    case .file(let path):
      // One for each batch, whatever its name may hold; the same as by default if it is that ledger.
      let isBeside =
        URL(fileURLWithPath: path).standardizedFileURL == URL(fileURLWithPath: beside).standardizedFileURL
      lock = try BatchLock(
        at: isBeside ? beside + ".lock" : "\(path).\(String(Self.digest(name), radix: 16)).lock")
      let opened = try await DurableLedger.sqlite(at: path)
      (own, ledger, isAlone, isNew) = (opened, opened, true, false)
    case .shared(let given):
      (lock, own, ledger, isAlone, isNew) = (nil, nil, given, false, false)
    }
    do {
      let batch = try await ledger.begin(
        name, payload: note, alone: isAlone, at: .now)
      let worker = "\(batch.run)-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
      store = BatchStore(ledger: ledger, batch: batch, worker: worker)
      var reading = BatchReading(setup, into: ledger, batch)
      try await reading.run()
      refused = (reading.refused, reading.refusedCount)
      copies = reading.copies
      let pricedAt = setup.options.now()
      let sample = setup.planned(reading.sample.rows)
      let served = sample.filter(\.isServed)
      let admission = BatchExecutor.admission(setup)
      self.admission = admission
      unaffordable = setup.unaffordable(among: sample)
      plan = try Self.plan(setup, served, of: sample, reading, try await store.parts(setup), admission)
      try await store.declare(setup.options)
      state = BatchState(
        .init(
          setup: setup, store: store, admission: admission, isAlone: isAlone, sample: served, plan: plan,
          pricedAt: pricedAt,
          counts: try await ledger.counts(of: batch.name, at: .now),
          tallies: try await ledger.tallies(of: batch.name),
          account: try await store.account(), parts: try await store.parts(setup)))
    } catch {
      await own?.close()
      if isNew { Self.remove(beside) }
      throw error
    }
    self.setup = setup
    self.transport = transport
    self.output = output
  }

  private static func plan(
    _ setup: BatchSetup, _ served: [PlannedRow], of sample: [PlannedRow], _ reading: BatchReading,
    _ parts: [BatchPart], _ admission: Locked<Admission>
  ) throws -> Plan {
    let isWhole = reading.sample.count == sample.count
    guard !served.isEmpty else {
      let unserved = sample.prefix(10).map {
        "line \($0.row.line): \(setup.explanation(of: $0.row))"
      }
      if sample.isEmpty, case .malformed(let error)? = reading.refused.first?.reason { throw error }
      throw BatchError.nothingToSend(
        Array((reading.refused.map(\.description) + unserved).prefix(10)),
        of: reading.refusedCount + reading.sample.count)
    }
    let share = Double(reading.sample.count) / Double(sample.count)
    let work = BatchPlanning.Work(rows: [], sample: served, others: Double(served.count) * share)
    return try BatchPlanning(setup: setup).first(work, isWhole: isWhole, budgets: parts.map(\.budget)) {
      seconds in
      admission.withLock { $0.allowances(within: seconds, at: Course.now) }
    }
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
  }

  /// The plan of a batch and the lines of its file that are no requests; nothing is sent, and nothing is left
  /// behind.
  ///
  /// - Parameter accounts: of the budgets of the ledger that the batch would be kept in.
  /// - Throws: as ``init(_:output:transport:books:name:note:)`` does.
  package static func preview(
    _ setup: BatchSetup, accounts: [BudgetAccount] = []
  ) async throws -> (
    plan: Plan, refused: (first: [RefusedRow], count: Int), unaffordable: String?
  ) {
    let path = NSTemporaryDirectory() + "/drayage-\(UUID().uuidString)"
    defer { remove(path) }
    let ledger = try await DurableLedger.sqlite(at: path)
    do {
      let batch = try await ledger.begin("preview", payload: [], alone: true, at: .now)
      var reading = BatchReading(setup, into: ledger, batch)
      try await reading.run()
      let sample = setup.planned(reading.sample.rows)
      let parts = BatchStore(ledger: ledger, batch: batch, worker: "").parts(setup, accounts)
      let plan = try plan(
        setup, sample.filter(\.isServed), of: sample, reading, parts, BatchExecutor.admission(setup))
      await ledger.close()
      return (plan, (reading.refused, reading.refusedCount), setup.unaffordable(among: sample))
    } catch {
      await ledger.close()
      throw error
    }
  }

  /// Sends what is left to send and writes the output, whole, in the order of the requests.
  ///
  /// - Throws: ``LedgerStoreError`` if the ledger does not answer, ``InputError`` if the output cannot be written;
  ///   what was answered by then is in the ledger or counted as spent.
  package func run() async throws -> BatchResult {
    let life = Task {
      // Apart from the rest: planning may keep that waiting for longer than a lease.
      async let leases: Void = keepLeases()
      await live()
      await leases
    }
    do {
      try await work()
      life.cancel()
      await life.value
      let result = try await finish()
      await own?.close()
      return result
    } catch {
      life.cancel()
      await life.value
      await own?.close()
      throw error
    }
  }

  private func work() async throws {
    let executor = BatchExecutor(setup: setup, transport: transport, state: state, admission: admission)
    let jobs = ProviderJobs(setup: setup, transport: transport, state: state, store: store)
    try await withThrowingTaskGroup(of: Void.self) { group in
      if !setup.jobTargets.isEmpty { group.addTask { try await jobs.run() } }
      for _ in 0..<max(1, setup.options.inFlight) {
        group.addTask { [state] in
          while let job = try await state.next() { try await executor.run(job) }
        }
      }
      do {
        for try await _ in group {}
      } catch {
        await state.stop()
        throw error
      }
    }
    // What is claimed later than the rest is given back would be nobody's for a while.
    await state.endLoading()
  }

  /// Keeps the leases of this worker alive.
  private func keepLeases() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(BatchStore.lease) / 6)
      if Task.isCancelled { return }
      // A ledger that does not answer stops the work wherever it is needed.
      _ = try? await store.ledger.extend(
        store.batch.name, worker: store.worker, lease: BatchStore.lease, at: .now)
    }
  }

  /// Learns what other workers have done, and stops when the batch is cancelled.
  private func live() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(BatchStore.lease) / 6)
      if Task.isCancelled { return }
      try? await state.refresh()
      if let batch = try? await store.ledger.batch(named: store.batch.name), batch.isCancelled {
        await state.cancel()
      }
    }
  }

  private func finish() async throws -> BatchResult {
    _ = try await store.ledger.release(worker: store.worker)
    let course = await state.course
    var counts = try await store.ledger.counts(of: store.batch.name, at: .now)
    if isAlone, counts.waiting + counts.leased == 0 { try await settleRemains() }
    try await copies?.finish(in: store)
    counts = try await store.ledger.counts(of: store.batch.name, at: .now)
    try await BatchOutput(store: store).write(to: output)
    let failures = try await store.ledger.failures(of: store.batch.name, count: BatchResult.mostFailures)
    let tallies = try await store.ledger.tallies(of: store.batch.name)
    let answered = tallies.reduce(0) { $1.code == nil ? $0 + $1.count : $0 }
    let spent = try await store.account()?.spent
    let progress = BatchProgress(
      total: counts.total, answered: answered, failed: counts.finished + counts.parked - answered,
      resumed: course.resumed, spent: spent ?? .zero, budget: setup.options.budget)
    return BatchResult(
      progress: progress, plan: plan, tallies: tallies,
      timeline: try await store.ledger.timeline(of: store.batch.name),
      failures: failures.map { BatchResult.Failure($0) }, copies: copies?.pairs.count ?? 0,
      course: course)
  }

  /// Closes what rows that are gone from the file have left open: perhaps sent, perhaps billed.
  private func settleRemains() async throws {
    for open in try await store.ledger.openReservations(run: store.batch.run) {
      _ = try await store.ledger.settle(open.key, as: .unknown, at: .now)
    }
  }

  /// Begins no further request; those under way end, then ``run()`` returns.
  package func stop() async { await state.stop() }

  /// How far the run has come.
  package var progress: BatchProgress {
    get async { await state.progress }
  }
}

extension BatchResult.Failure {
  fileprivate init(_ result: JobResult) {
    let error = result.result.flatMap { try? JSONNode.parse($0, file: "result") }?["error"]
    self.init(
      line: result.ordinal, id: BatchRow.customID(ofJob: result.id), code: result.code ?? "",
      message: error?["message"]?.string ?? "")
  }
}
