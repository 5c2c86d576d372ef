// Which part of an engine a message is for.

public import Wire

extension PeerExchange {
    mutating func process(
        _ bytes: RawSpan, _ contents: Range<Int>, _ channel: Int, _ now: Tick
    ) {
        let peer = channels.with(channel) { $0.peer }
        var offset = contents.lowerBound
        // The channel checked that messages fill the contents, each of them whole.
        while offset < contents.upperBound, let head = try? PeerMessageHead.parse(bytes, at: offset)
        {
            offset = head.body.upperBound
            switch head.family {
            case .loans:
                guard let message = try? PeerMessage.parse(bytes, head) else { continue }
                loans.handle(message, from: channel, at: now)
            case .replicas: replicate(bytes, head, peer.node)
            case .members:
                guard let message = try? MemberMessage.parse(bytes, head) else { continue }
                member?.handle(message, from: peer.node, at: now)
            case .engines: obey(bytes, head, peer, now)
            case nil: continue
            }
        }
    }

    private mutating func replicate(_ bytes: RawSpan, _ head: PeerMessageHead, _ node: NodeID) {
        switch PeerMessageType(rawValue: head.type) {
        case .entries: storeEntries(bytes, head.body, node)
        case .acknowledged, .committed: takeMarks(bytes, head, node)
        default: break
        }
    }

    private mutating func storeEntries(_ bytes: RawSpan, _ body: Range<Int>, _ node: NodeID) {
        guard let context = try? EntriesContext.parse(bytes, at: body.lowerBound) else { return }
        var offset = body.lowerBound + EntriesContext.byteCount
        while offset < body.upperBound, let (head, entry) = try? EntryHead.parse(bytes, at: offset)
        {
            replica.store(head, bytes.extracting(entry), context, from: node)
            offset = entry.upperBound
        }
    }

    private mutating func takeMarks(_ bytes: RawSpan, _ head: PeerMessageHead, _ node: NodeID) {
        let body = head.body
        guard let context = try? MarksContext.parse(bytes, at: body.lowerBound) else { return }
        let isAcknowledgement = head.type == PeerMessageType.acknowledged.rawValue
        var offset = body.lowerBound + MarksContext.byteCount
        while offset + BucketMark.byteCount <= body.upperBound {
            let mark = BucketMark.parse(bytes, at: offset)
            if isAcknowledgement {
                replica.acknowledged(mark, context, from: node)
            } else {
                replica.committed(mark, context, from: node)
            }
            offset += BucketMark.byteCount
        }
    }

    /// Orders of the node's member, and reports to it: between engines of one node.
    private mutating func obey(
        _ bytes: RawSpan, _ head: PeerMessageHead, _ peer: EngineAddress, _ now: Tick
    ) {
        guard peer.node == own.address.node else { return }
        if peer.engine == 0, let order = (try? EngineOrder.parse(bytes, head)) ?? nil {
            take(order)
        } else if let report = (try? EngineReport.parse(bytes, head)) ?? nil {
            member?.handle(report, from: Int(peer.engine), at: now)
        }
    }

    /// Lets member and replica have their say to each other, until neither has anything more.
    public mutating func settle(at now: Tick) {
        passPending()
        var isBusy = true
        while isBusy {
            isBusy = false
            while let record = member?.pollRecord() { records.append(record) }
            while let order = member?.pollOrder() {
                isBusy = true
                take(order)
                pass(order)
            }
            while let report = replica.pollReport() {
                isBusy = true
                if case .led(let group, _, _, _, _) = report { staleRoutes.insert(group) }
                guard own.address.engine != 0 else {
                    member?.handle(report, from: 0, at: now)
                    continue
                }
                pass(report)
            }
        }
        while let (node, message) = member?.pollMessage() {
            guard !put(message, to: node) else { continue }
            messagesLost += 1
            member?.lost(to: node)
        }
        setRoutes(at: now)
    }

    /// False if the channel to the node's first engine is full, or there is none.
    private mutating func put(_ message: MemberMessage, to node: NodeID) -> Bool {
        guard let channel = channels.channel(to: EngineAddress(node: node, engine: 0)) else {
            return false
        }
        return channels.with(channel) { channel in
            channel.open()
            return channel.append(type: message.type.rawValue, bodyBytes: message.byteCount) {
                message.write(to: &$0, at: $1)
            }
        }
    }

    /// A group's generation and configuration that must be on disk before the member acts under them:
    /// then `recorded`.
    public mutating func pollRecord() -> GroupRecord? { records.pop() }

    /// The next thing that the member wants in the log.
    public mutating func pollNotice() -> MemberNotice? { member?.pollNotice() }

    /// Whether this node hears no router, or no edge, any more.
    public mutating func setCutOff(_ isCutOff: Bool, at now: Tick) {
        member?.setCutOff(isCutOff, at: now)
    }

    public mutating func setDraining(_ isDraining: Bool) { member?.setDraining(isDraining) }

    /// Peers shall do without this node from now on.
    public mutating func leave() { member?.leave() }

    /// Whether they do. Of engines that run no member, true.
    public var isReplaced: Bool {
        switch member {
        case .some(let member): member.isReplaced
        case .none: true
        }
    }

    /// Whether they can't yet. Of engines that run no member, false.
    public var isNeeded: Bool {
        switch member {
        case .some(let member): member.isNeeded
        case .none: false
        }
    }

    public mutating func recorded(_ record: GroupRecord, at now: Tick) {
        member?.recorded(record)
        settle(at: now)
    }
}

extension PeerExchange {
    /// Puts a step of a transfer on the channel to one follower. False if there is no room.
    public mutating func sendNews(
        _ copy: CopyIndex, to seat: Int, _ kind: EntryKind, flags: UInt8, body: RawSpan
    ) -> Bool {
        guard let number = replica.channel(to: seat, of: copy, &channels, engineCounts) else {
            return false
        }
        return replica.sendNews(
            copy, to: seat, kind, flags: flags, body: body, through: number, &channels)
    }

    /// Tells all followers of a bucket something that may be lost. Those whose channels are busy are
    /// passed over.
    public mutating func tellFollowers(
        _ copy: CopyIndex, _ kind: EntryKind, flags: UInt8, body: RawSpan
    ) {
        for seat in 0..<View.mostSeats where replica.follows(copy, seat: seat) {
            guard hasRoomForTransfer(copy, to: seat) else { continue }
            _ = sendNews(copy, to: seat, kind, flags: flags, body: body)
        }
    }

    /// Whether the channel to a follower has room for a step of a transfer, and for the entries that
    /// come meanwhile: all but a quarter of its window.
    public mutating func hasRoomForTransfer(_ copy: CopyIndex, to seat: Int) -> Bool {
        guard replica.mayDecide(copy),
            let number = replica.channel(to: seat, of: copy, &channels, engineCounts)
        else { return false }
        return channels.with(number) { $0.window.waitingBatches * 4 < $0.settings.windowBatches }
    }
}
