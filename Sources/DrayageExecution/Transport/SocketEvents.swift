import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Waits for sockets to become ready, and can be woken by other threads.
///
/// On Linux epoll, whose cost does not grow with the sockets that have nothing to say; elsewhere poll. A connection that
/// is kept for the next request stays registered meanwhile: taking it out and in again would be two calls of the
/// system for each request.
final class SocketEvents {
  /// A socket that is ready, and for what: `CURL_CSELECT_IN`, `_OUT`, `_ERR`.
  struct Ready {
    let socket: Int32
    let what: Int32
  }

  /// The end that other threads write to. Writing one byte is safe at any time before `deinit`.
  private let wakeEnd: Int32
  private let waitEnd: Int32
  #if os(Linux)
    /// What is known of a socket.
    private struct Socket {
      /// It belongs to a connection, so that ``close(_:)`` comes before its number stands for another one.
      var isOwned = false
      /// What it is wanted for, and what the system was told.
      var wanted: UInt32 = 0
      var registered: UInt32 = 0
    }

    /// By number.
    private var sockets: [Socket] = []
    private let queue: Int32
    private var buffer = [epoll_event](repeating: epoll_event(), count: 256)
  #else
    private var interests: [Int32: Int16] = [:]
  #endif

  /// Nil if the system gives no more descriptors.
  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    (waitEnd, wakeEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    #if os(Linux)
      queue = epoll_create1(Int32(EPOLL_CLOEXEC))
      var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: waitEnd))
      guard queue >= 0, epoll_ctl(queue, EPOLL_CTL_ADD, waitEnd, &event) == 0 else { return nil }
    #endif
  }

  deinit {
    #if os(Linux)
      if queue >= 0 { _ = closeDescriptor(queue) }
    #endif
    _ = closeDescriptor(waitEnd)
    _ = closeDescriptor(wakeEnd)
  }

  /// Makes the current or next ``wait(milliseconds:)`` return. Callable from any thread.
  func wake() {
    var byte: UInt8 = 1
    // A full pipe wakes as well.
    _ = write(wakeEnd, &byte, 1)
  }

  /// Takes note of the socket of a new connection.
  func own(_ socket: Int32) {
    #if os(Linux)
      reserve(socket)
      sockets[Int(socket)] = Socket(isOwned: true)
    #endif
  }

  /// Closes the socket of a connection.
  ///
  /// - Returns: 0, or -1 if the system refuses.
  func close(_ socket: Int32) -> Int32 {
    #if os(Linux)
      reserve(socket)
      // A child process may hold a copy for a moment, which would keep it registered.
      if sockets[Int(socket)].registered != 0 { epoll_ctl(queue, EPOLL_CTL_DEL, socket, nil) }
      sockets[Int(socket)] = Socket()
    #else
      interests[socket] = nil
    #endif
    return closeDescriptor(socket)
  }

  /// Watches `socket` for what libcurl asks: `CURL_POLL_IN`, `_OUT`, `_INOUT`, or `_REMOVE`.
  ///
  /// - Returns: whether the system agreed.
  func watch(_ socket: Int32, for what: Int32) -> Bool {
    #if os(Linux)
      reserve(socket)
      var events: UInt32 = 0
      if what != CURL_POLL_REMOVE {
        if what & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
      }
      sockets[Int(socket)].wanted = events
      let known = sockets[Int(socket)]
      if events == 0, known.isOwned, known.registered == EPOLLIN.rawValue { return true }
      return register(socket)
    #else
      if what == CURL_POLL_REMOVE {
        interests[socket] = nil
        return true
      }
      var events: Int16 = 0
      if what & CURL_POLL_IN != 0 { events |= Int16(POLLIN) }
      if what & CURL_POLL_OUT != 0 { events |= Int16(POLLOUT) }
      interests[socket] = events
      return true
    #endif
  }

  /// The sockets that are ready, waiting for one if there is none.
  ///
  /// - Parameter milliseconds: how long to wait at most; 0 or more.
  /// - Returns: nil if the system cannot wait any more.
  func wait(milliseconds: Int32) -> [Ready]? {
    #if os(Linux)
      let count = epoll_wait(queue, &buffer, Int32(buffer.count), milliseconds)
      guard count >= 0 else { return errno == EINTR ? [] : nil }
      var ready: [Ready] = []
      for event in buffer[..<Int(count)] {
        let socket = event.data.fd
        guard socket != waitEnd else {
          drain()
          continue
        }
        guard sockets[Int(socket)].wanted != 0 else {
          // A kept connection that has something to say, most likely that it ends: libcurl looks before using it.
          _ = register(socket)
          continue
        }
        var what: Int32 = 0
        if event.events & EPOLLIN.rawValue != 0 { what |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { what |= CURL_CSELECT_ERR }
        ready.append(Ready(socket: socket, what: what))
      }
      return ready
    #else
      var polled = interests.map { pollfd(fd: $0.key, events: $0.value, revents: 0) }
      polled.append(pollfd(fd: waitEnd, events: Int16(POLLIN), revents: 0))
      let count = poll(&polled, nfds_t(polled.count), milliseconds)
      guard count >= 0 else { return errno == EINTR ? [] : nil }
      return polled.filter { $0.revents != 0 }.compactMap { item in
        guard item.fd != waitEnd else {
          drain()
          return nil
        }
        var what: Int32 = 0
        if item.revents & Int16(POLLIN) != 0 { what |= CURL_CSELECT_IN }
        if item.revents & Int16(POLLOUT) != 0 { what |= CURL_CSELECT_OUT }
        if item.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { what |= CURL_CSELECT_ERR }
        return Ready(socket: item.fd, what: what)
      }
    #endif
  }

  #if os(Linux)
    private func reserve(_ socket: Int32) {
      let missing = Int(socket) + 1 - sockets.count
      if missing > 0 { sockets.append(contentsOf: repeatElement(Socket(), count: missing)) }
    }

    /// Tells the system what `socket` is wanted for. Returns whether it agreed.
    private func register(_ socket: Int32) -> Bool {
      let (wanted, registered) = (sockets[Int(socket)].wanted, sockets[Int(socket)].registered)
      guard wanted != registered else { return true }
      sockets[Int(socket)].registered = wanted
      guard wanted != 0 else {
        // A socket that is closed already has left by itself.
        epoll_ctl(queue, EPOLL_CTL_DEL, socket, nil)
        return true
      }
      var event = epoll_event(events: wanted, data: epoll_data_t(fd: socket))
      if registered != 0, epoll_ctl(queue, EPOLL_CTL_MOD, socket, &event) == 0 { return true }
      return epoll_ctl(queue, EPOLL_CTL_ADD, socket, &event) == 0
    }
  #endif

  private func drain() {
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { bytes in
      while read(waitEnd, bytes.baseAddress, bytes.count) == bytes.count {}
    }
  }
}

/// The system's call, whose name ``SocketEvents`` has for sockets.
private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }
