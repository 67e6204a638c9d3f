import CCurl
import Drayage
import Synchronization

/// The thread on which every transfer runs, and the one multi handle it drives.
///
/// Tasks may run on it too: what they do between one transfer and the next then takes no change of threads, which
/// costs more than all the rest of a short exchange.
///
/// `@unchecked Sendable`: senders reach only `inbox`, which is locked; everything else belongs to the thread.
/// The thread holds the loop until ``run()`` returns.
final class CurlLoop: @unchecked Sendable {
  /// What senders want of the loop.
  private struct Inbox {
    var starts: [Exchange] = []
    var cancels: [Exchange] = []
    var resumes: [Exchange] = []
    /// Parts of tasks that prefer to run here.
    var jobs: [UnownedJob] = []
    var isClosing = false
    /// The thread waits, or is about to, and is to be woken.
    var isWaiting = false
    /// No more orders are taken, and the multi handle may be gone.
    var isClosed = false

    var isEmpty: Bool {
      starts.isEmpty && jobs.isEmpty && cancels.isEmpty && resumes.isEmpty && !isClosing
    }
  }

  private let inbox = Locked(Inbox())
  /// The thread, by number; 0 before it runs.
  private let thread = Atomic<UInt>(0)
  /// Parts of tasks that this thread itself has made ready, in order.
  private var ready: [UnownedJob] = []
  private let configuration: CurlTransport.Configuration
  private let multi: UnsafeMutableRawPointer
  /// What is under way; each exchange knows its place here.
  private var active: [Exchange] = []
  private var idle: [CurlHandle] = []
  private let watch = DeadlineWatch()
  private let awaited = AwaitedStreams()
  private let events: SocketEvents
  /// When libcurl wants to be called although no socket is ready.
  private var timer: SteadyInstant?

  /// So many parts of tasks are run before the sockets are looked at again.
  private static let mostJobs = 256

  /// Handles kept for reuse; beyond that they are freed.
  private static let idleHandles = 256

  init(_ configuration: CurlTransport.Configuration) {
    CurlLibrary.load()
    guard let multi = curl_multi_init() else { preconditionFailure("no memory for the network client") }
    guard let events = SocketEvents() else { preconditionFailure("no descriptor for the network client") }
    self.multi = multi
    self.events = events
    var configuration = configuration
    if !CurlLibrary.environmentHasProxy { configuration.usesProxyOfEnvironment = false }
    self.configuration = configuration
    set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    set(CURLMOPT_MAX_HOST_CONNECTIONS, max(1, configuration.maxConnectionsPerHost))
    set(CURLMOPT_MAX_TOTAL_CONNECTIONS, max(1, configuration.maxConnections))
    set(CURLMOPT_MAXCONNECTS, max(1, configuration.maxConnections))
    set(CURLMOPT_MAX_CONCURRENT_STREAMS, max(1, configuration.maxStreamsPerConnection))
    setCallbacks()
  }

  /// libcurl says which sockets to watch, and when to call it at the latest. The calls come on the thread, from
  /// within the calls of libcurl below, while the loop exists.
  private func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    let codes = [
      curl_shim_multi_set_socket_callback(
        multi,
        { _, socket, what, context, _ in
          guard let context else { return -1 }
          let loop = Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue()
          return loop.events.watch(socket, for: what) ? 0 : -1
        }, context),
      curl_shim_multi_set_timer_callback(
        multi,
        { _, milliseconds, context in
          guard let context else { return -1 }
          let loop = Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue()
          let span = Nanoseconds(.milliseconds(milliseconds))
          loop.timer = milliseconds < 0 ? nil : loop.watch.now + span
          return 0
        }, context),
    ]
    precondition(codes.allSatisfy { $0 == CURLM_OK }, "libcurl refuses the callbacks of the network client")
  }

  // MARK: Called by senders

  /// Takes over `exchange`, which is finished in any case.
  func submit(_ exchange: Exchange) {
    if isOwnThread { return start(exchange) }
    let accepted = post { inbox in
      if !inbox.isClosing { inbox.starts.append(exchange) }
      return !inbox.isClosing
    }
    if !accepted { exchange.finish(with: .failure(.afterShutdown)) }
  }

  /// Stops `exchange`, whether it has been submitted, is under way, or will be submitted later.
  func cancel(_ exchange: Exchange) {
    exchange.cancel()
    _ = post { inbox in
      inbox.cancels.append(exchange)
      return true
    }
  }

  /// Lets the stream of `exchange` go on after a pause.
  func resume(_ exchange: Exchange) {
    _ = post { inbox in
      inbox.resumes.append(exchange)
      return true
    }
  }

  /// Makes ``run()`` fail what is under way and return.
  func close() {
    _ = post { inbox in
      inbox.isClosing = true
      return true
    }
  }

  /// Changes the inbox and wakes the thread if it may be asleep.
  private func post(_ change: (inout Inbox) -> Bool) -> Bool {
    inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      let result = change(&inbox)
      if inbox.isWaiting {
        inbox.isWaiting = false
        events.wake()
      }
      return result
    }
  }

  // MARK: Called by the thread

  /// Runs transfers until the loop is closed, then fails those left and frees everything of libcurl.
  func run() {
    thread.store(LoopThread.current, ordering: .relaxed)
    while true {
      let orders = takeOrders()
      for exchange in orders.starts { start(exchange) }
      for exchange in orders.cancels { stop(exchange, .cancelled) }
      for exchange in orders.resumes { go(on: exchange) }
      ready += orders.jobs
      if orders.isClosing { break }
      turn()
      stopOverdue()
      awaited.wake()
      // Without means to wait, the loop would spin: it ends as if it were closed.
      guard let sockets = events.wait(milliseconds: mayWait ? patience : 0) else { break }
      watch.look()
      var running: Int32 = 0
      for item in sockets {
        curl_multi_socket_action(multi, item.socket, item.what, &running)
        awaited.wake()
      }
    }
    thread.store(0, ordering: .relaxed)
    let late = takeOrders(andClose: true)
    for exchange in late.starts { exchange.finish(with: .failure(.afterShutdown)) }
    for job in ready + late.jobs { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    for exchange in active { stop(exchange, .cancelled) }
    idle.removeAll()
    curl_multi_cleanup(multi)
  }

  /// The orders so far. After closing there are no others.
  private func takeOrders(andClose isLast: Bool = false) -> Inbox {
    inbox.withLock { inbox in
      let orders = inbox
      inbox.starts = []
      inbox.cancels = []
      inbox.resumes = []
      inbox.jobs = []
      inbox.isWaiting = false
      inbox.isClosed = isLast
      return orders
    }
  }

  /// Whether there is nothing to do but to wait; senders wake the thread from then on.
  private var mayWait: Bool {
    guard ready.isEmpty else { return false }
    return inbox.withLock { inbox in
      inbox.isWaiting = inbox.isEmpty
      return inbox.isWaiting
    }
  }

  private var isOwnThread: Bool { thread.load(ordering: .relaxed) == LoopThread.current }

  /// Hands on what has completed, runs what that makes ready, and lets what that begins be sent, all together: many
  /// small steps of each kind in a row take less time than the same in turns.
  private func turn() {
    let executor = asUnownedTaskExecutor()
    finishCompleted()
    var done = 0
    while done < ready.count, done < Self.mostJobs {
      ready[done].runSynchronously(on: executor)
      done += 1
    }
    if done > 0 { ready.removeFirst(done) }
    runDue()
    finishCompleted()
  }

  private func start(_ exchange: Exchange) {
    guard !exchange.isCancelled else { return exchange.finish(with: .failure(exchange.failure(.cancelled))) }
    guard let handle = idle.popLast() ?? CurlHandle() else { return refuse(exchange, CURLE_OUT_OF_MEMORY) }
    let refusal = handle.prepare(for: exchange, configuration, events)
    guard refusal == CURLE_OK else { return refuse(exchange, refusal) }
    guard curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
      return refuse(exchange, CURLE_OUT_OF_MEMORY)
    }
    exchange.carrier = (handle, active.count)
    active.append(exchange)
    exchange.report(to: watch, awaited)
  }

  /// Delivers what libcurl held back, and takes in more.
  private func go(on exchange: Exchange) {
    guard let handle = exchange.carrier?.handle else { return }
    exchange.resume(at: .now)
    curl_easy_pause(handle.easy, CURLPAUSE_CONT)
  }

  /// Lets libcurl do what it wanted to be called for by now.
  private func runDue() {
    guard let due = timer, due <= watch.now else { return }
    timer = nil
    var running: Int32 = 0
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
  }

  private func refuse(_ exchange: Exchange, _ code: CURLcode) {
    let detail = String(cString: curl_easy_strerror(code))
    exchange.finish(with: exchange.outcome(of: code, detail: detail, at: .now))
  }

  private func finishCompleted() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      // The message is gone once its handle is removed.
      let code = message.pointee.data.result
      var context: UnsafeMutableRawPointer?
      curl_shim_get_private(message.pointee.easy_handle, &context)
      guard let context else { continue }
      let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
      release(exchange) { exchange.outcome(of: code, detail: $0.detail, at: .now) }
    }
  }

  /// Breaks off `exchange` if it is under way; its connection is closed, or its stream reset.
  private func stop(_ exchange: Exchange, _ kind: TransportFailure.Kind) {
    release(exchange) { _ in .failure(exchange.failure(kind)) }
  }

  /// Finishes `exchange`, if it is under way, and frees its handle for the next one.
  private func release(
    _ exchange: Exchange, with outcome: (CurlHandle) -> Exchange.Outcome
  ) {
    guard let (handle, place) = exchange.carrier else { return }
    exchange.carrier = nil
    let last = active.removeLast()
    if last !== exchange {
      active[place] = last
      last.carrier?.place = place
    }
    curl_multi_remove_handle(multi, handle.easy)
    let outcome = outcome(handle)
    handle.clear(after: outcome)
    if idle.count < CurlLoop.idleHandles { idle.append(handle) }
    exchange.finish(with: outcome)
  }

  /// Scans for overdue exchanges, but only when one may be. A deadline moves back with every byte, so that
  /// with limits well above the usual latency scans are rare; a heap would have to be kept in order on each
  /// byte instead.
  private func stopOverdue() {
    watch.look()
    let now = watch.now
    guard watch.isDue() else { return }
    for exchange in active {
      let deadline = exchange.clock.deadline
      if deadline.at <= now {
        stop(exchange, .timeout(phase: deadline.phase))
      } else {
        watch.note(deadline.at)
      }
    }
  }

  /// Milliseconds to wait for something to happen.
  private var patience: Int32 {
    guard let next = watch.next.map({ min($0, timer ?? $0) }) ?? timer else { return 60_000 }
    return min((next - watch.now).milliseconds, 60_000)
  }

  private func set(_ option: CURLMoption, _ value: Int) {
    let code = curl_shim_multi_set_long(multi, option, value)
    precondition(code == CURLM_OK, "libcurl refuses a limit of the network client")
  }
}

extension CurlLoop: TaskExecutor {
  /// Has a part of a task run on the thread; by the system's own executor once the loop is closed.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOwnThread { return ready.append(job) }
    let isTaken = post { inbox in
      inbox.jobs.append(job)
      return true
    }
    if !isTaken { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
  }
}
